pub mod masking;
