"""Coming in and going out: sign-in, second factor, sign-out here and everywhere, one's own card."""
