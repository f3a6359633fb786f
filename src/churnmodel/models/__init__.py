"""What can be fitted, and how does each model score an account with the same bits however it is asked?"""
