//! A desk: one socket to the server and the board it keeps.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::board::{Board, text};
use crate::server::PATIENCE;
use crate::wall::Wall;

/// A desk that is connected.
pub struct Desk {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    asked: u64,
    pub board: Board,
    /// The supervisors' board it watches.
    pub wall: Option<Wall>,
}

/// The socket is gone; with the code it was closed with, if it was.
#[derive(Debug, PartialEq)]
pub struct Lost(pub Option<u16>);

/// A call's result, or the error object.
pub type Outcome = Result<Value, Value>;

impl Desk {
    /// Opens a socket; a refusal is told by its status.
    pub async fn open(base: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let uri = format!("{}/ws", base.replacen("http", "ws", 1)).parse().unwrap();
        let mut request = ClientRequestBuilder::new(uri);
        for (name, value) in headers {
            request = request.with_header(*name, *value);
        }
        match tokio::time::timeout(PATIENCE, connect_async(request)).await.expect("an answer in time") {
            Ok((socket, _)) => Ok(Self { socket, asked: 0, board: Board::default(), wall: None }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(_) => Err(0),
        }
    }

    /// Opens a socket for a session and subscribes.
    pub async fn sit_down(base: &str, token: &str) -> Self {
        let mut desk = Self::open(base, &[("Authorization", &format!("Bearer {token}"))]).await.unwrap();
        desk.subscribe(json!({})).await.unwrap();
        desk
    }

    /// Opens another socket and goes on from `board`.
    pub async fn come_back(base: &str, token: &str, board: Board) -> Result<Self, Lost> {
        let mut desk = Self::resuming(base, token, board).await?;
        desk.subscribe(desk.resume()).await?;
        Ok(desk)
    }

    /// The same for a desk that was lost; while the server is away it keeps its board.
    pub async fn reopen(&mut self, base: &str, token: &str) -> Result<(), Lost> {
        let opened = Self::open(base, &[("Authorization", &format!("Bearer {token}"))]).await;
        self.socket = opened.map_err(|_| Lost(None))?.socket;
        self.subscribe(self.resume()).await
    }

    /// Goes on from `board` in another socket, and is cut off again after so many frames of what it is told first.
    pub async fn come_back_for(base: &str, token: &str, board: Board, frames: u64) -> Result<Board, Lost> {
        let mut desk = Self::resuming(base, token, board).await?;
        desk.ask_to_subscribe(desk.resume()).await?;
        for _ in 0..frames {
            if desk.read().await?["method"] == "desk.heartbeat" {
                break;
            }
        }
        Ok(desk.board)
    }

    async fn resuming(base: &str, token: &str, board: Board) -> Result<Self, Lost> {
        let opened = Self::open(base, &[("Authorization", &format!("Bearer {token}"))]).await;
        Ok(Self { board, ..opened.map_err(|_| Lost(None))? })
    }

    fn resume(&self) -> Value {
        json!({"resume": {"log": self.board.log, "position": self.board.position}})
    }

    /// Subscribes, and reads everything up to the position the answer names.
    async fn subscribe(&mut self, params: Value) -> Result<(), Lost> {
        let until = self.ask_to_subscribe(params).await?;
        while self.read().await?["method"] != "desk.heartbeat" {}
        assert!(self.board.position >= until);
        Ok(())
    }

    /// Subscribes, and gives the position up to which everything is told next.
    async fn ask_to_subscribe(&mut self, params: Value) -> Result<u64, Lost> {
        self.asked += 1;
        let id = self.asked;
        let request = json!({"jsonrpc": "2.0", "id": id, "method": "desk.subscribe", "params": params});
        self.send(&request.to_string()).await?;
        let answer = loop {
            let frame = self.frame().await?;
            assert_eq!(frame["method"], Value::Null, "before the answer nothing is told: {frame}");
            if frame["id"] == id {
                // While the log cannot be read, nobody can subscribe: that is a reason to come back, as any other loss.
                if frame["error"]["data"]["code"] == "unavailable" {
                    return Err(Lost(None));
                }
                break frame["result"].clone();
            }
        };
        self.board.subscribed(&answer);
        Ok(answer["position"].as_u64().unwrap())
    }

    /// Asks for something and gives the answer, or the error. What is told meanwhile goes to the board.
    pub async fn call(&mut self, method: &str, params: Value) -> Outcome {
        self.try_call(method, params).await.unwrap()
    }

    /// The same, while the server may be gone.
    pub async fn try_call(&mut self, method: &str, params: Value) -> Result<Outcome, Lost> {
        self.asked += 1;
        let id = self.asked;
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.send(&request.to_string()).await?;
        loop {
            let frame = self.read().await?;
            if frame["id"] == id {
                return Ok(match frame.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(frame["result"].clone()),
                });
            }
        }
    }

    /// Asks for something that has to be refused, and gives the stable code.
    pub async fn refused(&mut self, method: &str, params: Value) -> String {
        let error = self.call(method, params).await.unwrap_err();
        assert_eq!(error["code"], -32_000, "{error}");
        text(&error["data"]["code"])
    }

    pub async fn go(&mut self, state: &str) {
        self.call("presence.set", json!({"state": state})).await.unwrap();
    }

    /// Reads until the board shows it.
    pub async fn until<T>(&mut self, what: &str, shows: impl Fn(&Board) -> Option<T>) -> T {
        let wait = async {
            loop {
                if let Some(found) = shows(&self.board) {
                    return found;
                }
                self.read().await.unwrap();
            }
        };
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(found) => found,
            Err(_) => panic!("not seen: {what}; the board: {:#?}", self.board),
        }
    }

    /// The supervisors' board it watches.
    pub fn wall(&self) -> &Wall {
        self.wall.as_ref().expect("it watches a board")
    }

    /// Reads until the supervisors' board shows it.
    pub async fn until_wall(&mut self, what: &str, shows: impl Fn(&Wall) -> bool) {
        let wait = async {
            while !shows(self.wall()) {
                self.read().await.unwrap();
            }
        };
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            panic!("not seen: {what}; the board: {:#}", self.wall().board);
        }
    }

    /// Waits for the next offer.
    pub async fn offered(&mut self) -> (String, String) {
        self.until("an offer", |board| board.offers().first().cloned()).await
    }

    /// Takes the next offer and gives its conversation.
    pub async fn accept(&mut self) -> String {
        let (conversation, offer) = self.offered().await;
        self.call("offer.accept", json!({"conversation": conversation, "offer": offer})).await.unwrap();
        let is_mine = |board: &Board| board.mine().any(|one| one["conversation"] == *conversation).then_some(());
        self.until("the accepted conversation as mine", is_mine).await;
        conversation
    }

    /// Sends a frame as it is.
    pub async fn send(&mut self, frame: &str) -> Result<(), Lost> {
        self.socket.send(Message::text(frame)).await.map_err(|_| Lost(None))
    }

    /// The next frame that answers something.
    pub async fn answer(&mut self) -> Value {
        loop {
            let frame = self.read().await.unwrap();
            if frame.get("method").is_none() {
                return frame;
            }
        }
    }

    /// The next text frame, with the board brought up to it.
    pub async fn read(&mut self) -> Result<Value, Lost> {
        let frame = self.frame().await?;
        match frame["method"].as_str() {
            Some("desk.notice") => self.board.notice(&frame["params"]),
            Some("desk.heartbeat") => self.board.heartbeat(&frame["params"]),
            Some("board.changed") => self.wall.as_mut().expect("it watches").changed(&frame["params"]),
            Some("board.fresh") => self.wall.as_mut().expect("it watches").fresh(&frame["params"]),
            Some(other) => panic!("a push nobody knows: {other}"),
            None => {}
        }
        Ok(frame)
    }

    async fn frame(&mut self) -> Result<Value, Lost> {
        loop {
            match tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("a frame in time") {
                Some(Ok(Message::Text(frame))) => return Ok(serde_json::from_str(&frame).unwrap()),
                Some(Ok(Message::Close(why))) => return Err(Lost(why.map(|why| why.code.into()))),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Lost(None)),
            }
        }
    }
}
