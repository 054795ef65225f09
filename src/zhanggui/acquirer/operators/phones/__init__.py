"""Phones (手机签到): the terminal shows a code for a minute, and the operator's phone proves there who it is.

    terminal                     host                               phone
    409 open ─────────────────▶  draws a code, one a terminal
    shows it ◀─────────────────  its address, its time
                                 page: shop, place, terminal ◀────  opens it
                                 number or name, password    ◀────  the same waits, locks and words as 401
    409 ask  ─────────────────▶  waiting … known
    401 with the code's name ─▶  its proof, once; then 403 as ever

A code is good for one phone, the first that answers, and for one sign-in, on the terminal that asked for it. Whoever comes with
one that is over, used or another phone's is refused and recorded. A lost answer costs nothing: what the phone proved stands in the
code's row until the terminal takes it up with one 401, and a session begins at its confirmation alone, as by every other way.
No password was typed at the terminal: its PIN pad has none, so that such a sign-in leaves no envelope and sets no new password.
"""
