"""Single-operator TensorFlow Lite models, by kind of operator."""
