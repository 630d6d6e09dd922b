"""The administrator's pages: people, cases by code, the audit log, health; never a title, never a word."""
