"""How operands are stored and streamed: words of streams, sparse blocks, codes."""
