//! A projection as whoever keeps its tables sees it: by name, without its type.

use gatehouse_domain::Recorded;
use gatehouse_projections::facts::Reports;
use gatehouse_projections::history::History;
use gatehouse_projections::table::{Change, Group, Projection, Table, View};

/// A kind of projection.
#[derive(Clone, Copy)]
pub struct Model {
    pub name: &'static str,
    pub version: u32,
    pub group: Group,
    pub tables: &'static [&'static Table],
    pub views: &'static [&'static View],
    /// A fold of nothing.
    pub make: fn() -> Box<dyn Folding>,
}

/// A fold that is under way.
pub trait Folding: Send {
    fn fold(&mut self, recorded: &Recorded, changes: &mut Vec<Change>);
}

impl<P: Projection> Folding for P {
    fn fold(&mut self, recorded: &Recorded, changes: &mut Vec<Change>) {
        Projection::fold(self, recorded, changes);
    }
}

impl Model {
    pub fn of<P: Projection>() -> Self {
        Self {
            name: P::NAME,
            version: P::VERSION,
            group: P::GROUP,
            tables: P::TABLES,
            views: P::VIEWS,
            make: || Box::new(P::default()),
        }
    }
}

/// Every projection there is.
pub fn models() -> Vec<Model> {
    vec![Model::of::<History>(), Model::of::<Reports>()]
}
