"""Front pages as hospitals write them to files: CSV, XLSX, DBF; read row by row, and refused early with row and
reason."""
