"""Livros: books and texts at hand."""

from aurora_crawl.platforms.folder import FolderSpider


class LivrosSpider(FolderSpider):
    """
    Site: arquivos em disco: PDF, EPUB, HTML, DOCX, TXT, linhas de JSON
    Acervo: a pasta dada com -a path=DIR
    Licença: a que o arquivo YAML ao lado do livro diz; senão, desconhecida
    Verificado: romances em PDF, EPUB e HTML, manuais em PDF e TXT
    """

    name = "livros"
