"""The assessment in a notebook: the facade `Kit`, its controller, widgets and views, and the Jupyter launcher."""
