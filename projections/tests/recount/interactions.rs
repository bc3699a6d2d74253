//! What the row of an ended interaction sums up, an erased one included.

use gatehouse_domain::conversation::{Author, Event};

use super::Figures;
use super::conversations::misses_window;
use super::story::{Interaction, Part, Story};

/// The columns, in the order of the values.
pub const COLUMNS: [&str; 13] = [
    "duration_ms",
    "waited_ms",
    "handled_ms",
    "flow_ms",
    "first_response_ms",
    "agents",
    "assignments",
    "flow_turns",
    "received",
    "written",
    "automatic",
    "windows_missed",
    "contained",
];

pub fn count(story: &Story<'_>, one: Interaction, figures: &mut Figures) {
    let Some(end) = one.ended else { return };
    let places = |is: &dyn Fn(usize) -> bool| story.within(one).filter(|place| is(*place)).count() as i64;
    let time = |parts: Vec<Part>| -> i64 {
        parts.iter().map(|part| story.between(part.from, part.to.expect("it has ended"))).sum()
    };
    let first = story
        .turns(one)
        .into_iter()
        .find(|turn| story.is_first(one, *turn) && turn.to.is_some_and(|closed| story.is_human(closed)));
    let values = [
        Some(story.between(one.opened, end)),
        Some(time(story.stays(one))),
        Some(time(story.assignments(one))),
        Some(time(story.flow_turns(one))),
        first.map(|turn| time(vec![turn])),
        Some(story.agents(one).len() as i64),
        Some(story.assignments(one).len() as i64),
        Some(story.flow_turns(one).len() as i64),
        Some(places(&|place| matches!(story.event(place), Event::MessageReceived { .. }))),
        Some(places(&|place| story.is_human(place))),
        Some(places(&|place| {
            matches!(story.event(place), Event::ReplyQueued { author: Author::Flow { .. } | Author::Api, .. })
        })),
        Some(places(&|place| misses_window(story, one, place))),
        Some(i64::from(story.is_contained(one, end))),
    ];
    let whose = story.whose(story.inbox_before(one, end), story.agent_before(one, end));
    for (column, value) in COLUMNS.into_iter().zip(values) {
        if let Some(value) = value {
            figures.sample(column, story.at(end), whose, value);
        }
    }
}
