//! What a connection to Meta needs to be told.

use crate::providers::Field;

pub const API_URL: &str = "api_url";
pub const APP_SECRET: &str = "app_secret";
pub const ACCESS_TOKEN: &str = "access_token";
pub const VERIFY_TOKEN: &str = "verify_token";

/// The Graph version we speak.
pub const GRAPH_VERSION: &str = "v25.0";

pub const FIELDS: &[Field] = &[
    Field { name: API_URL, label: "Graph API address", secret: false, default: Some("https://graph.facebook.com") },
    Field { name: APP_SECRET, label: "App secret", secret: true, default: None },
    Field { name: ACCESS_TOKEN, label: "System user access token", secret: true, default: None },
    Field { name: VERIFY_TOKEN, label: "Webhook verify token", secret: true, default: None },
];
