"""How does a trained model become scores that can be trusted, read and served?"""
