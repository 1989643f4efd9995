//! What the integration tests share: reading the golden files and comparing numbers.
