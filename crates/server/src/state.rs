//! What every route and socket works with.

use app::App;

use crate::edge::Edge;

/// The use cases and the edge. Cheap to clone.
#[derive(Clone)]
pub struct Server {
    /// The use cases.
    pub app: App,
    /// Configuration, limits and counters.
    pub edge: Edge,
}
