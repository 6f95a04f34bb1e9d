"""Front pages (病案首页): reports on what was submitted (score, specialties, comparison, month), and who to ask."""
