// acc + a * b at the ports of our data-gated core.
module acc_mul (
  input                    clk,
  input                    rst,
  input              [7:0] act,
  input       signed [7:0] weight,
  input                    product_en,
  input                    acc_en,
  input                    first,
  output reg signed [19:0] acc
);
  reg signed [15:0] product;
  always @(posedge clk) begin
    if (product_en) product <= $signed({1'b0, act}) * weight;
    if (acc_en) acc <= (first ? 20'sd0 : acc) + product;
  end
endmodule
