"""What every area of the flow is made of: state, events, effects, steps, words."""
