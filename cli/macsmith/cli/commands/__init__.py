"""What users type: the options of each command. Modules are light, for all are loaded."""
