//! Signing in and out.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, ServiceConfig};
use actix_web::{HttpResponse, delete, get, post};
use gatehouse_domain::UserId;
use gatehouse_projections::desk::Me;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SignedIn;
use crate::app::App;
use crate::problem::Problem;
use crate::vault::Attempt;

/// The cookie browsers keep the session in.
pub const COOKIE: &str = "gatehouse_session";

pub fn routes(config: &mut ServiceConfig) {
    config.service(sign_in).service(who_am_i).service(sign_out);
}

#[derive(Deserialize, ToSchema)]
pub struct SignIn {
    login: String,
    #[schema(value_type = String)]
    password: SecretString,
}

#[derive(Serialize, ToSchema)]
pub struct Session {
    /// For programs: `Authorization: Bearer <token>`. Browsers use the cookie.
    token: String,
    user: Me,
}

#[derive(Serialize, ToSchema)]
pub struct WhoAmI {
    user: Me,
}

/// Signs in.
#[utoipa::path(tag = "session", context_path = "/api/v1", request_body = SignIn,
    responses((status = 200, body = Session), (status = 401, body = Problem), (status = 429, body = Problem)))]
#[post("/session")]
async fn sign_in(app: Data<App>, input: Json<SignIn>) -> Result<HttpResponse, Problem> {
    let input = input.into_inner();
    let user = {
        let desk = app.desks.read();
        desk.setup.user_of_login(&input.login).filter(|(_, user)| !user.disabled).map(|(id, _)| id)
    };
    let attempt = app.vault.check_password(&input.login, user, input.password).await?;
    if attempt == Attempt::TooMany {
        let detail = "too many wrong passwords: wait a quarter of an hour";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", detail));
    }
    let (Attempt::Right, Some(user)) = (attempt, user) else {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_credentials", "the login or the password is wrong"));
    };
    let token = app.vault.start_session(user).await?;
    let cookie = Cookie::build(COOKIE, token.clone())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.public_url.starts_with("https://"))
        .finish();
    let user = me(&app, user).ok_or_else(Problem::signed_out)?;
    Ok(HttpResponse::Ok().cookie(cookie).json(Session { token, user }))
}

/// Tells who is signed in.
#[utoipa::path(tag = "session", context_path = "/api/v1",
    responses((status = 200, body = WhoAmI), (status = 401, body = Problem)))]
#[get("/session")]
async fn who_am_i(app: Data<App>, signed_in: SignedIn) -> Result<Json<WhoAmI>, Problem> {
    let user = me(&app, signed_in.actor.user).ok_or_else(Problem::signed_out)?;
    Ok(Json(WhoAmI { user }))
}

/// Signs out; sockets of this session close.
#[utoipa::path(tag = "session", context_path = "/api/v1",
    responses((status = 204), (status = 401, body = Problem)))]
#[delete("/session")]
async fn sign_out(app: Data<App>, signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    app.vault.end_session(&signed_in.token, signed_in.actor.user).await?;
    let mut gone = Cookie::build(COOKIE, "").path("/").finish();
    gone.make_removal();
    Ok(HttpResponse::NoContent().cookie(gone).finish())
}

/// A user as they see themselves.
pub fn me(app: &App, id: UserId) -> Option<Me> {
    let desk = app.desks.read();
    let user = desk.setup.users.get(&id)?;
    Some(Me { id: id.0, login: user.login.clone(), name: user.name.clone(), role: user.role.into() })
}
