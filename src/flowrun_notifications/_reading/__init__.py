"""From bytes to runs: decoding, unwrapping, validating. It does not know how a run is shown."""
