//! What a screen on the wall makes of a board and the changes after it.

use serde_json::Value;

use crate::board::text;

/// The board as it would be shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wall {
    pub board: Value,
    pub position: u64,
    /// How often it was told that something has changed.
    pub changes: usize,
    /// The newest moment it stands for.
    pub as_of: String,
}

impl Wall {
    /// Starts from the answer to a subscription.
    pub fn subscribed(answer: &Value) -> Self {
        let board = answer["board"].clone();
        let as_of = text(&board["as_of"]);
        Self { board, position: answer["position"].as_u64().unwrap(), changes: 0, as_of }
    }

    pub fn fresh(&mut self, params: &Value) {
        self.reaches(params);
        self.as_of = text(&params["as_of"]);
    }

    pub fn changed(&mut self, params: &Value) {
        self.reaches(params);
        self.changes += 1;
        let change = &params["change"];
        self.as_of = text(&change["as_of"]);
        match change["kind"].as_str().unwrap() {
            "whole" => {
                self.board = change.clone();
                self.board.as_object_mut().unwrap().remove("kind");
            }
            "patch" => {
                for (group, numbers) in change["tiles"].as_object().unwrap() {
                    assert_ne!(self.board["tiles"][group], *numbers, "{group} was told, and is as it was");
                    self.board["tiles"][group] = numbers.clone();
                }
                for table in ["agents", "gateways"] {
                    for row in change[table].as_array().into_iter().flatten() {
                        let rows = self.board[table].as_array_mut().unwrap();
                        rows.retain(|known| known["id"] != row["id"]);
                        rows.push(row.clone());
                        rows.sort_by_key(|row| text(&row["id"]));
                    }
                }
            }
            other => panic!("a change nobody knows: {other}"),
        }
    }

    /// A number, by its path.
    pub fn number(&self, path: &str) -> u64 {
        let found = self.board.pointer(&format!("/tiles/{path}")).and_then(Value::as_u64);
        found.unwrap_or_else(|| panic!("no number at {path}: {}", self.board))
    }

    /// What an agent is doing.
    pub fn state_of(&self, agent: &str) -> String {
        let rows = self.board["agents"].as_array().unwrap();
        rows.iter().find(|row| row["id"] == agent).map(|row| text(&row["state"])).unwrap_or_default()
    }

    fn reaches(&mut self, params: &Value) {
        assert_eq!(params["inbox"], self.board["inbox"], "of another board");
        let position = params["position"].as_u64().unwrap();
        assert!(position >= self.position, "back from {} to {position}", self.position);
        self.position = position;
    }
}
