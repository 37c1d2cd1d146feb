"""Properties: what holds for every input, checked on inputs that Hypothesis makes up."""
