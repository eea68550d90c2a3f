"""A quantised ONNX model run in integers: matrix work by an array, the rest in numpy."""
