"""From a lead to a customer: quotations, orders, customers and their contacts."""
