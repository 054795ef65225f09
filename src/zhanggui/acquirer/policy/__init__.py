"""Policy is data: each rule of the sign-in is a number or a word in a profile, with the clause it comes from."""
