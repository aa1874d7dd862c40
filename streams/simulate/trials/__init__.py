"""What somebody who keeps a platform safe would try: scenarios that happen only when they are named.

Each has an answer that is right, in `streams.simulate.scenarios`. `attacks` and `slow` are pile-ons in disguise,
`framing` is about who must not be blamed, `quarrels`, `doubles` and `staff` look like pile-ons and mostly are none,
`languages` is both in many tongues (`tongues`). `crew` is what the attacks have in common.
"""
