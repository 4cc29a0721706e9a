"""The document that a customer keeps: HTML through nbconvert, and its exports.

`content` is what every form of the report is made from; `chapters` fill the templates; `rendering` puts them into one
document; `exports` write the other formats; `privacy` replaces names and looks for secrets.
"""
