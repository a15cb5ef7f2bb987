//! Every route of live on one screen. The hubs' own paths stand in `sesh_types::contract::live`: they are behind no door.

use crate::state::State;
use sesh_edge::routes::Routes;
use sesh_edge::standard::Documents;

const DOCUMENTS: Documents =
    Documents { openapi: include_bytes!("../openapi.json"), page: include_bytes!("../openapi.html") };

/// The routes that the internet reaches, where the Worker has an address.
pub fn public() -> Routes<State> {
    Routes::new().standard(DOCUMENTS)
}

/// The routes that only Workers of the fleet reach, through the internal door.
pub fn internal() -> Routes<State> {
    Routes::new().standard(DOCUMENTS)
}
