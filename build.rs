//! Builds again when a folder changes that a macro reads unknown to cargo: the migrations and the GraphiQL page.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    // Cargo takes an absent folder for one that always changes, and would build again each time. Where it cannot be
    // made, as in a read-only checkout, that is all that happens: the embedding allows it to be missing.
    let _ = std::fs::create_dir_all("web/dist");
    println!("cargo::rerun-if-changed=web/dist");
}
