"""Scripts that learn what is shipped: hostility from corpora that are not, the verdict's weights from looks of the engine
labelled by the truth.
"""
