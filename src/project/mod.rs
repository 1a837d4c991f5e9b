//! Finding the files of a project and what they import.

pub mod kind;
