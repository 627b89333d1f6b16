"""How many leads stand in each stage, and what they are worth, without counting them."""
