//! Contacts by what one knows of them: an id, an address as people write it, or how their name begins.

use gatehouse_projections::history::CONTACTS;
use gatehouse_projections::table::{Type, Value};
use uuid::Uuid;

use super::Result;
use super::asked::Who;
use crate::tables::Readers;

/// Contacts of one search: whoever has a name that so many have has to say more.
const CONTACTS_MAX: usize = 200;

pub async fn find(tables: &Readers, who: &Who) -> Result<Vec<Uuid>> {
    let Who::Like { addresses, name } = who else {
        let Who::Id(id) = who else { return Ok(vec![]) };
        return Ok(vec![*id]);
    };
    let numbers = (1..=addresses.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT DISTINCT contact_id FROM contact_addresses WHERE address IN ({numbers})");
    let values: Vec<Value> = addresses.iter().cloned().map(Value::Text).collect();
    let mut rows = tables.rows(&sql, &values, &[Type::Id]).await?;
    if !name.is_empty() {
        let found = tables.find(&CONTACTS, "name", name);
        let sql = format!(
            "SELECT t.contact_id FROM {} WHERE {} ORDER BY {} DESC LIMIT {CONTACTS_MAX}",
            found.from, found.condition, found.position
        );
        rows.extend(tables.rows(&sql, &found.values, &[Type::Id]).await?);
    }
    Ok(rows.into_iter().flatten().filter_map(super::id).collect())
}
