"""The list of leads: what an address asks for, its pages and totals, views that are kept, changes of many, exports."""
