"""How do applications and people ask for a score over HTTP?"""
