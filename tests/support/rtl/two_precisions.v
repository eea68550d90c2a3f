// Two precisions: 8x8, or two products of 4x4 that are summed.
module two_precisions (
  input             clk, rst, go,
  input      [15:0] operands,   // a, w
  input       [1:0] prec,
  input             first,
  output reg [23:0] acc
);
  wire        [7:0] a = operands[15:8];
  wire signed [7:0] w = operands[7:0];
  wire signed [16:0] whole = $signed({1'b0, a}) * w;
  wire signed [8:0] low  = $signed({1'b0, a[3:0]}) * $signed(w[3:0]);
  wire signed [8:0] high = $signed({1'b0, a[7:4]}) * $signed(w[7:4]);
  wire signed [9:0] both = low + high;
  wire signed [23:0] term = prec == 2'd2 ? both : whole;
  always @(posedge clk or posedge rst)
    if (rst) acc <= 24'd0;
    else if (go) acc <= (first ? 24'd0 : acc) + term;
endmodule
