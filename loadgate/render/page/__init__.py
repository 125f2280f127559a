from loadgate.render.weekly.charts import require_extra
