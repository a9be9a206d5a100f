"""Packers: the constants of an operator in the order in which the inner loops of an instruction set read them."""
