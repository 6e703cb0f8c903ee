print("graft 0.1.0")
