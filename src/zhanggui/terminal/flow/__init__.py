"""The terminal's flow, pure: `flow(state, event) -> (state, effects)`, and `screen_of(state)` is what a person sees."""
