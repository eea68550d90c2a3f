// One weight bit a cycle, the lowest first; the top one counts negative.
module bit_serial #(parameter int BITS = 8) (
  input  logic        clk,
  input  logic        rst_n,
  input  logic  [7:0] a,
  input  logic        w_bit,
  input  logic        start,
  input  logic        first,
  output logic [19:0] acc
);
  logic [$clog2(BITS)-1:0] step, now;
  logic [19:0] term;
  assign now  = start ? '0 : step;
  assign term = w_bit ? 20'(a) << now : '0;
  always_ff @(posedge clk or negedge rst_n)
    if (!rst_n) begin
      step <= '0;
      acc  <= '0;
    end else begin
      step <= now + 1'b1;
      acc  <= (first ? '0 : acc) + ((32'(now) == BITS - 1) ? -term : term);
    end
endmodule
