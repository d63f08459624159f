"""What leaves as data: tables of the protected summary as XLSX, CSV and a data package."""
