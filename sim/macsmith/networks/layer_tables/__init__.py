"""Layers of networks: published tables, CSV files, ONNX models."""
