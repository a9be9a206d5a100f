"""Parameter sets per operator: every module <op>.py has CASES, single-node graphs that cover the edge shapes."""
