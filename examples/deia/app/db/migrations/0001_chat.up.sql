create table bots (bot_id text primary key, launched timestamptz not null default now());
create table chat_messages (id bigserial primary key, bot_id text not null, text text not null, at timestamptz not null default now());
