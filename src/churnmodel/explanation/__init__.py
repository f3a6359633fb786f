"""Why does this account have this risk, in plain words?"""
