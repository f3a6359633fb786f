"""How good is a model, told only by outcomes it could not have seen?"""
