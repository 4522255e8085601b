//! Hostile and honest messages, made live because their times expire. One file per group.

mod scene;

mod baseline;
mod claims;
mod library;
mod markup;
mod metadata;
mod mutations;
mod redirects;
mod requests;
mod signatures;
mod subjects;
mod times;
mod wrapping;
